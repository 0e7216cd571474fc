"""The page of ``jupyter repro report``: one HTML file that needs no other."""
