"""Pipeline definitions in Amazon States Language: builders, checks, diagrams."""
