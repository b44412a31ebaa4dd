"""The demo county and the story it plays; speaks to the suite over HTTP like anybody else."""
