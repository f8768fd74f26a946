"""What workflows write on GitHub: comments of a pull request, issues, pull requests, the summary of a job."""
