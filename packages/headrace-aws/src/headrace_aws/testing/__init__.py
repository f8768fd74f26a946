"""What tests of a project need: stand-ins for GitHub, docker and skopeo, and forks of the project."""
