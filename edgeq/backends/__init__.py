"""What turns a checked model into something that runs: one package for each runtime."""
