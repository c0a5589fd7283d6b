/** Emoji by their Slack names: a useful table, not all of them; an unknown name stays as it was written. */

import { el } from "./dom.js";

const TABLE = `
white_check_mark ✅|heavy_check_mark ✔️|ballot_box_with_check ☑️|x ❌|negative_squared_cross_mark ❎|heavy_multiplication_x ✖️
warning ⚠️|no_entry ⛔|no_entry_sign 🚫|octagonal_sign 🛑|stop_sign 🛑|rotating_light 🚨|exclamation ❗|heavy_exclamation_mark ❗
bangbang ‼️|question ❓|grey_question ❔|grey_exclamation ❕|information_source ℹ️|bulb 💡|bell 🔔|no_bell 🔕|mega 📣|loudspeaker 📢
hourglass ⌛|hourglass_flowing_sand ⏳|stopwatch ⏱️|timer_clock ⏲️|alarm_clock ⏰|watch ⌚|clock1 🕐|clock3 🕒|clock9 🕘|mantelpiece_clock 🕰️
calendar 📅|date 📅|spiral_calendar_pad 🗓️|lock 🔒|unlock 🔓|closed_lock_with_key 🔐|lock_with_ink_pen 🔏|key 🔑|old_key 🗝️|shield 🛡️
rocket 🚀|airplane ✈️|ship 🚢|anchor ⚓|construction 🚧|hammer 🔨|wrench 🔧|hammer_and_wrench 🛠️|gear ⚙️|nut_and_bolt 🔩|toolbox 🧰
computer 💻|desktop_computer 🖥️|floppy_disk 💾|cd 💿|minidisc 💽|satellite 🛰️|electric_plug 🔌|battery 🔋|zap ⚡|fire 🔥|boom 💥|bug 🐛
package 📦|inbox_tray 📥|outbox_tray 📤|mailbox 📫|email 📧|envelope ✉️|incoming_envelope 📨|memo 📝|pencil 📝|pencil2 ✏️|clipboard 📋
page_facing_up 📄|page_with_curl 📃|bookmark_tabs 📑|scroll 📜|file_folder 📁|open_file_folder 📂|card_index_dividers 🗂️|label 🏷️|pushpin 📌
paperclip 📎|link 🔗|mag 🔍|mag_right 🔎|bar_chart 📊|chart_with_upwards_trend 📈|chart_with_downwards_trend 📉|books 📚|book 📖
arrow_right ➡️|arrow_left ⬅️|arrow_up ⬆️|arrow_down ⬇️|arrow_forward ▶️|arrow_backward ◀️|leftwards_arrow_with_hook ↩️|arrow_right_hook ↪️
arrows_counterclockwise 🔄|arrows_clockwise 🔃|repeat 🔁|twisted_rightwards_arrows 🔀|recycle ♻️|double_vertical_bar ⏸️|pause_button ⏸️
black_square_for_stop ⏹️|stop_button ⏹️|play_or_pause_button ⏯️|black_right_pointing_triangle_with_double_vertical_bar ⏯️|fast_forward ⏩|rewind ⏪
red_circle 🔴|large_orange_circle 🟠|large_yellow_circle 🟡|large_green_circle 🟢|large_blue_circle 🔵|large_purple_circle 🟣|white_circle ⚪|black_circle ⚫
large_red_square 🟥|large_green_square 🟩|large_yellow_square 🟨|large_blue_square 🟦|white_large_square ⬜|black_large_square ⬛|small_blue_diamond 🔹
small_orange_diamond 🔸|radio_button 🔘|heavy_plus_sign ➕|heavy_minus_sign ➖|wavy_dash 〰️|recycle ♻️|checkered_flag 🏁|triangular_flag_on_post 🚩
wave 👋|thumbsup 👍|+1 👍|thumbsdown 👎|-1 👎|ok_hand 👌|clap 👏|pray 🙏|raised_hands 🙌|raised_hand ✋|hand ✋|point_right 👉|point_left 👈
point_up ☝️|point_down 👇|muscle 💪|eyes 👀|speech_balloon 💬|thought_balloon 💭|bust_in_silhouette 👤|busts_in_silhouette 👥|technologist 🧑‍💻
robot_face 🤖|smile 😄|slightly_smiling_face 🙂|grinning 😀|joy 😂|wink 😉|thinking_face 🤔|sweat_smile 😅|cry 😢|sob 😭|scream 😱|sleeping 😴
zzz 💤|tada 🎉|sparkles ✨|star ⭐|star2 🌟|trophy 🏆|medal 🏅|100 💯|heart ❤️|green_heart 💚|blue_heart 💙|broken_heart 💔|coffee ☕|beer 🍺
cloud ☁️|sunny ☀️|snowflake ❄️|ice_cube 🧊|umbrella ☔|earth_africa 🌍|globe_with_meridians 🌐|house 🏠|office 🏢|factory 🏭|world_map 🗺️
one 1️⃣|two 2️⃣|three 3️⃣|four 4️⃣|five 5️⃣|six 6️⃣|seven 7️⃣|eight 8️⃣|nine 9️⃣|keycap_ten 🔟|zero 0️⃣|id 🆔|new 🆕|ok 🆗|sos 🆘|free 🆓
ghost 👻|skull 💀|ticket 🎫|receipt 🧾|moneybag 💰|money_with_wings 💸|crystal_ball 🔮|test_tube 🧪|seedling 🌱|evergreen_tree 🌲|dart 🎯|game_die 🎲
`;

const EMOJI = new Map(
  TABLE.trim()
    .split(/[|\n]/)
    .map((entry) => entry.split(" ")),
);

/** The character for a Slack emoji name (a skin tone is ignored), or undefined. */
export function emojiOf(name) {
  return EMOJI.get(name.split("::")[0]);
}

/** The text with every known `:name:` replaced by its character. */
export function withEmoji(text) {
  return text.replace(/:([a-z0-9_+'-]+):/g, (whole, name) => emojiOf(name) ?? whole);
}

/** A drawn emoji; the name is its tooltip. */
export function emojiNode(name, unicode) {
  const drawn = unicode ?? emojiOf(name);
  return drawn ? el("span", { class: "emoji", title: `:${name}:` }, drawn) : `:${name}:`;
}
