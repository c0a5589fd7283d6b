/** How the ten select menus differ: where options come from and how Slack names what was chosen. */

import { textString } from "./mrkdwn.js";
import { channel, channelName, nameOf, world } from "./people.js";

const asOption = (value) => ({ value });
const labelOfOption = (option) => textString(option.text);
const present = (value) => value !== null && value !== undefined;

function matching(options, query, label) {
  return options.filter((option) =>
    `${label(option)} ${textString(option.description)}`.toLowerCase().includes(query),
  );
}

function findFixed(element, query) {
  const groups = element.option_groups ?? [{ options: element.options ?? [] }];
  const narrowed = groups.map((group) => ({
    ...group,
    options: matching(group.options, query, labelOfOption),
  }));
  return narrowed.filter((group) => group.options.length);
}

function findPeople(_element, query) {
  const options = world().people.map((each) => ({
    value: each.id,
    description: { type: "plain_text", text: each.title ?? "" },
  }));
  return [{ options: matching(options, query, (option) => nameOf(option.value)) }];
}

function findChannels(element, query) {
  const kinds = element.filter?.include;
  const wanted = world().channels.filter(
    (each) => !kinds || kinds.includes(each.is_private ? "private" : "public"),
  );
  return [
    {
      options: matching(
        wanted.map((each) => asOption(each.id)),
        query,
        (option) => channelName(option.value),
      ),
    },
  ];
}

function findConversations(element, query) {
  const kinds = element.filter?.include;
  const people = !kinds || kinds.includes("im") ? findPeople(element, query)[0].options : [];
  return [{ options: [...findChannels(element, query)[0].options, ...people] }];
}

const conversationLabel = ({ value }) => (channel(value) ? `#${channelName(value)}` : nameOf(value));

/** One kind: `many`, `asks` the app, `find`, `label`, and the way to and from Slack's field. */
function kind({ field, starts, many = false, asks = false, find, label, bare }) {
  const wrap = bare ? asOption : (option) => option;
  const unwrap = bare ? (option) => option.value : (option) => option;
  const list = (value) => (many ? (value ?? []) : [value]).filter(present).map(wrap);
  return {
    many,
    asks,
    find,
    label,
    initial: (element, place) =>
      list(
        element[starts] ??
          (element.default_to_current_conversation
            ? many
              ? [place.conversation]
              : place.conversation
            : undefined),
      ),
    fields: (chosen) => ({ [field]: many ? chosen.map(unwrap) : chosen.length ? unwrap(chosen[0]) : null }),
    chosen: (fields) => list(fields[field]),
  };
}

const one = { field: "selected_option", starts: "initial_option", label: labelOfOption };
const several = { field: "selected_options", starts: "initial_options", label: labelOfOption, many: true };
const people = { find: findPeople, label: ({ value }) => nameOf(value), bare: true };
const channels = { find: findChannels, label: ({ value }) => `#${channelName(value)}`, bare: true };
const conversations = { find: findConversations, label: conversationLabel, bare: true };

export const KINDS = {
  static_select: kind({ ...one, find: findFixed }),
  external_select: kind({ ...one, asks: true }),
  users_select: kind({ ...people, field: "selected_user", starts: "initial_user" }),
  channels_select: kind({ ...channels, field: "selected_channel", starts: "initial_channel" }),
  conversations_select: kind({
    ...conversations,
    field: "selected_conversation",
    starts: "initial_conversation",
  }),
  multi_static_select: kind({ ...several, find: findFixed }),
  multi_external_select: kind({ ...several, asks: true }),
  multi_users_select: kind({ ...people, field: "selected_users", starts: "initial_users", many: true }),
  multi_channels_select: kind({
    ...channels,
    field: "selected_channels",
    starts: "initial_channels",
    many: true,
  }),
  multi_conversations_select: kind({
    ...conversations,
    field: "selected_conversations",
    starts: "initial_conversations",
    many: true,
  }),
};
