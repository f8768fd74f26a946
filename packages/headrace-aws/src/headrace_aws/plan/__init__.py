"""What a deployment would change: `headrace plan --env dev`.

`changes` compares the deployed stacks with the desired ones, through change sets that are never executed. `machines`,
`permissions`, `metrics` and `cost` compare what is in them; `page` writes the plan as Markdown.
"""
