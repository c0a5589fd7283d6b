/** Which class draws which interactive element of Block Kit. */

import { Button, Choices, FeedbackButtons, Overflow } from "./choices.js";
import { DateField, TextField } from "./fields.js";
import { FileField } from "./files.js";
import { KINDS } from "./selectkinds.js";
import { Select } from "./selects.js";

export const ELEMENTS = {
  button: Button,
  icon_button: Button,
  workflow_button: Button,
  feedback_buttons: FeedbackButtons,
  overflow: Overflow,
  checkboxes: Choices,
  radio_buttons: Choices,
  file_input: FileField,
  datepicker: DateField,
  timepicker: DateField,
  datetimepicker: DateField,
  plain_text_input: TextField,
  number_input: TextField,
  email_text_input: TextField,
  url_text_input: TextField,
  rich_text_input: TextField,
  ...Object.fromEntries(Object.keys(KINDS).map((type) => [type, Select])),
};
