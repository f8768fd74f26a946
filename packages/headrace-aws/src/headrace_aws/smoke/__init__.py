"""Check that what is deployed is the release, and that it scores as it should: `headrace smoke` changes nothing.

`deployed` compares the stacks and their resources with the release, `scoring` has the deployed image score the golden
rows of a model, `golden` compares scores, and `store` keeps a scored model for the next environment.
"""
