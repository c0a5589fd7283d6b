/** Dates and times in words, in the reader's own time zone. */

const DAY = 86_400;
const WORDS = "en-US";

const at = (epoch) => new Date(epoch * 1000);
const dayOf = (date) =>
  Math.round(new Date(date.getFullYear(), date.getMonth(), date.getDate(), 12).getTime() / 1000 / DAY);
const intl = (options) => (epoch) => new Intl.DateTimeFormat(WORDS, options).format(at(epoch));

function ordinal(day) {
  const tail = day % 100 > 10 && day % 100 < 14 ? "th" : ({ 1: "st", 2: "nd", 3: "rd" }[day % 10] ?? "th");
  return `${day}${tail}`;
}

const month = intl({ month: "long" });
const weekday = intl({ weekday: "long" });
const longDate = (epoch) => `${month(epoch)} ${ordinal(at(epoch).getDate())}, ${at(epoch).getFullYear()}`;

function nearDay(epoch) {
  const away = dayOf(at(epoch)) - dayOf(new Date());
  return { "-1": "yesterday", 0: "today", 1: "tomorrow" }[away];
}

/** The time of day, as `9:05 AM` or `09:05`, whichever the reader's browser prefers. */
export function clock(epoch) {
  return at(epoch).toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });
}

/** How long ago (or ahead) an instant is, in words. */
export function ago(epoch) {
  const seconds = epoch - Date.now() / 1000;
  const words = new Intl.RelativeTimeFormat(WORDS, { numeric: "auto" });
  const size = Math.abs(seconds);
  if (size < 45) return "just now";
  if (size < 45 * 60) return words.format(Math.round(seconds / 60), "minute");
  if (size < 22 * 3600) return words.format(Math.round(seconds / 3600), "hour");
  return words.format(Math.round(seconds / DAY), "day");
}

/** The name of a day on the line between two days of messages. */
export function dayLabel(epoch) {
  const near = nearDay(epoch);
  if (near) return near[0].toUpperCase() + near.slice(1);
  return `${weekday(epoch)}, ${month(epoch)} ${ordinal(at(epoch).getDate())}`;
}

/** A key that is equal for two instants of one local day. */
export const dayKey = (epoch) => dayOf(at(epoch));

/** The whole date and time, for tooltips. */
export const fullTime = (epoch) => `${longDate(epoch)} at ${at(epoch).toLocaleTimeString()}`;

const shortDate = intl({ month: "short", day: "numeric", year: "numeric" });
const longWithDay = (epoch) => `${weekday(epoch)}, ${longDate(epoch)}`;
const pad = (number) => String(number).padStart(2, "0");

const TOKENS = {
  date_num: (epoch) =>
    `${at(epoch).getFullYear()}-${pad(at(epoch).getMonth() + 1)}-${pad(at(epoch).getDate())}`,
  date: longDate,
  date_short: shortDate,
  date_long: longWithDay,
  date_pretty: (epoch) => nearDay(epoch) ?? longDate(epoch),
  date_short_pretty: (epoch) => nearDay(epoch) ?? shortDate(epoch),
  date_long_pretty: (epoch) => nearDay(epoch) ?? longWithDay(epoch),
  day_divider_pretty: (epoch) => nearDay(epoch) ?? longWithDay(epoch),
  time: clock,
  time_secs: (epoch) =>
    at(epoch).toLocaleTimeString([], { hour: "numeric", minute: "2-digit", second: "2-digit" }),
  ago,
};

/** Slack's date tokens (`{date_short_pretty} at {time}`) filled in; null when a token or the time is unknown. */
export function formatDate(epoch, format) {
  if (!Number.isFinite(epoch)) return null;
  let known = true;
  const text = format.replace(/\{(\w+)\}/g, (whole, token) => {
    if (TOKENS[token]) return TOKENS[token](epoch);
    known = false;
    return whole;
  });
  return known ? text.replace(/^[a-z]/, (letter) => letter.toUpperCase()) : null;
}

/** Epoch seconds as the value of a local date-and-time field. */
export function toLocalField(epoch) {
  const date = at(epoch);
  return `${TOKENS.date_num(epoch)}T${pad(date.getHours())}:${pad(date.getMinutes())}`;
}

/** The value of a local date-and-time field as epoch seconds. */
export const fromLocalField = (value) => Math.floor(new Date(value).getTime() / 1000);
