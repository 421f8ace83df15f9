"""What everyone uses: errors, files, progress, resources, and the leash of child processes."""
