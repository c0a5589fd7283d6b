"""What a launch, a workflow, a form and the policy are: pure, standard library only."""
