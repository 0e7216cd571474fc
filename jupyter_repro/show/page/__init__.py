"""The page of ``jupyter repro report``: one HTML file that shows all and needs nothing else."""
