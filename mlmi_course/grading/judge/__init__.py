"""The trusted side: it asks a submission for its answers and lets each question decide."""
