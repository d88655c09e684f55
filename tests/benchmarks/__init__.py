"""`make bench`: ratios against a baseline in the same run, or counts; never tests."""
