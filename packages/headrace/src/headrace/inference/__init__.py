"""From a batch of rows to published predictions, and what became of them when labels arrived."""
