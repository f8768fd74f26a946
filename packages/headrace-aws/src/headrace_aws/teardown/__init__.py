"""Deletion of what a deployment and its runs left: of a preview, and of a whole environment, with its data.

Each function deletes what is there and says so, and says nothing where nothing was: so a deletion that broke off is
repeated. `destroy` is the command: it takes an inventory, asks, deletes in the order of dependence, and says what stays.
"""
