"""Where a submission's code runs: behind walls where there are any, within limits always."""
