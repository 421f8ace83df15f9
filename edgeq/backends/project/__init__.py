"""What all projects share: folder and manifest, firmware, build files, editor, Renode, golden inferences."""
