"""A policy file to start from, and the cases it has to meet."""

SAMPLE = """\
people:  # sets of people that rules name
  operators: {groups: [S0456EFGH]}
  change managers: {users: [U0123ABCD], groups: [S0987ZYXW]}
  contractors: {domains: [contractor.example.com]}  # by the address Slack has confirmed

freezes:  # launches wait until they end
  - {name: weekend, zone: Europe/Berlin, from: Fri 18:00, to: Mon 06:00}
  - {name: nights, zone: Europe/Berlin, weekdays: [Mon, Tue, Wed, Thu], from: 22:00, to: 06:00}
  - {name: year end, zone: Europe/Berlin, from: 2026-12-23 18:00, to: 2027-01-04 08:00}

pause: {people: [change managers]}  # who may pause and resume launches from Slack

break_glass:  # who may pass a freeze or an approval with a written reason, and who reviews that
  people: [operators]
  review: {people: [change managers]}
  notify: {channels: [C0789JKLM]}
  least_reason: 10  # letters
  review_first: true  # nobody does so again while one of theirs is not reviewed

delegation: {to: {people: [operators]}, longest: 14d}  # who may decide in another's name

at_most: 20  # open runs on this Orchestrator; the next ones queue

# Who those are that a waiting run asks, as Orchestrator names them.
assignees:
  Platform operations: {people: [operators]}

# The first rule that covers workflow, arguments, person and channel decides; without one nothing may be run.
rules:
  - name: reports
    workflows:
      tags: [read-only]
    run:
      everyone: true  # every full member of the workspace; guests never
    risk: read_only  # or change, or destructive
    in_freeze: run  # or wait, the default, or refuse
    safe_to_repeat: true  # a second run does no harm

  - name: production machines need two
    workflows:
      folders: ["Library/vCenter/**"]  # *: within one folder, **: everything below
    when:
      environment: [prod, dr]
    run:
      people: [operators]
    channels: [C0789JKLM]  # left out: anywhere
    risk: destructive
    approve:  # one stage, or a list of stages in their order
      - people: [operators]
        count: 2  # different people, never the requester
        within: 4h  # m, h or d; 24h if left out
        remind: [30m, 2h]
      - people: [change managers]
        within: 1d
        escalate: {users: [U0123ABCD], after: 8h}
        notify: {channels: [C0789JKLM], direct: true}
        confirm_by: code  # or dialog, or click, the default
        delegable: false  # nobody decides it in another's name
    on_expiry: end  # or escalate, to those of the stage
    editors_may_not_approve: true  # nor may those whose shared preset it was filled in with
    one_at_a_time: vmName  # one open run for each machine
    requester_input: requestedBy  # filled with who asked, by the bot alone
    hidden: [ticket]  # no channel shows its value

  - name: other machines
    workflows:
      folders: ["Library/vCenter/**"]
    when:
      environment: [test, dev]
      sizeGb: {maximum: 500}
    run:
      people: [operators, contractors]
    one_at_a_time: vmName
    inputs:
      sizeGb:
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
      ids: [3f6c1d5e-8a47-4a6b-9c0e-1b2d3f4a5c6e]
      names: [Rotate service password]
    run:
      users: [U0123ABCD]
      groups: [S0456EFGH]
    approve: {people: [change managers]}
    secrets: [svc-password]  # a secret of that name has to be configured
    typed_secrets: false  # true: people may type secrets into Slack
    audit: hashed  # or plain, the default, or none
    log: off  # or private, the default, or thread
"""

SAMPLE_CASES = """\
people:
  olga: {user: U0111AAAA, groups: [S0456EFGH]}
  carl: {user: U0222BBBB, email: carl@contractor.example.com}

workflows:
  restart: {name: Restart machine, folder: Library/vCenter}

cases:
  - name: production needs two operators and a change manager
    who: olga
    where: C0789JKLM
    workflow: restart
    with: {environment: prod, vmName: web-01}
    expect: approval
    rule: production machines need two
    approvals: 3

  - name: contractors stay out of production
    who: carl
    workflow: restart
    with: {environment: prod, vmName: web-01, sizeGb: 10}
    expect: deny

  - name: nothing happens at the weekend
    who: carl
    workflow: restart
    with: {environment: test, vmName: web-01, sizeGb: 10}
    at: 2026-12-05 12:00+01:00
    expect: freeze
    freeze: weekend

  - name: unless it burns
    who: olga
    workflow: restart
    with: {environment: test, vmName: web-01, sizeGb: 10}
    at: 2026-12-05 12:00+01:00
    break_glass: The array loses data.
    expect: allow
"""
