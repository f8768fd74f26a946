"""What a deployment would change: `headrace plan --env dev`.

`planning` compares what is deployed with what is wanted, through change sets that are never executed. `machines`,
`permissions`, `metrics` and `cost` say what that means; `page` writes all of it as Markdown.
"""
