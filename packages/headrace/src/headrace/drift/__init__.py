"""Drift: how far the rows of a batch lie from those that a model was trained on.

comparison          the rows of both, counted in the same bins
measures            one number for how far two counts, or two sets of scores, lie apart
null_distribution   what those numbers reach without any drift, in a batch of few rows
verdict             every number against its limit
"""
