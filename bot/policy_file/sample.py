"""A policy file to start from."""

SAMPLE = """\
# The first rule that covers workflow, person and channel decides. Where none does, nothing may be run.
rules:
  - name: operators restart machines
    workflows:
      folders: ["Library/vCenter/**"]  # *: within one folder, **: everything below
    run:
      users: [U0123ABCD]
      groups: [S0456EFGH]
    channels: [C0789JKLM]  # left out: anywhere
    safe_to_repeat: true  # a second run does no harm

  - name: a bigger disk needs approval
    workflows:
      names: [Extend disk]
      ids: [3f6c1d5e-8a47-4a6b-9c0e-1b2d3f4a5c6e]
    run:
      everyone: true  # every full member of the workspace; guests never
    approve:
      groups: [S0456EFGH]
      within: 4h  # m, h or d; 24h if left out
    inputs:
      diskSize:
        label: Size in GB
        minimum: 1
        maximum: 500
      tier:
        choices: [bronze, silver, gold]
        default: bronze
      ticket:
        hint: The change this belongs to
        pattern: "CHG[0-9]{7}"
      comment:
        required: false

  - name: rotate a password
    workflows:
      folders: [Operations/Accounts]
    run:
      groups: [S0456EFGH]
    secrets: [svc-password]  # a secret of that name has to be configured
    typed_secrets: false  # true: people may type secrets into Slack
"""
