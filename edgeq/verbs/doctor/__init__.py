"""What this machine has: tools, frameworks, flash tools, Edge TPUs."""
