"""Grade many submissions, each in a sandbox, by the same checks that students see."""
