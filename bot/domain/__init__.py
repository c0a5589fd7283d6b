"""What a launch, a workflow, a form and the policy are: pure, nothing that reaches outside."""
