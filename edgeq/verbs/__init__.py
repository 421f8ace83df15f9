"""What each verb does, by values only: the Python API and the command line both call these."""
