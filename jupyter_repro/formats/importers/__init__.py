"""Weak snapshots out of the files of other tools, one format a file; `registry` has them all."""
