"""An environment taken away: all that was deployed there, with its data, so that nothing is left that costs money.

`inventory` looks at what there is, `taking` takes it away in the order in which one thing needs the other, and
`remains` tells what stays and why.
"""
