"""GitHub, as the workflows speak to it: comments of a pull request, issues, pull requests, the job's summary."""
