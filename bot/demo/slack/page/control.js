/** What every interactive element of a block has in common. */

/**
 * An element of Block Kit that a person can work with.
 *
 * `place` says where it stands: `{label, labelledBy, describedBy, optional, conversation}`
 * and whom to tell: `{changed, touched, listens, suggest, upload}`.
 * `node` is what is drawn; it is made once and lives through updates, so focus and caret stay.
 */
export class Control {
  holdsState = true;

  constructor(element, place) {
    this.element = element;
    this.place = place;
  }

  /** Take a new definition of the same element; what the person typed or chose stays. */
  update(element) {
    this.element = element;
  }

  /** The value as Slack names it inside state and actions, such as `{value: "x"}`. */
  fields() {
    return {};
  }

  /** Set the value from fields of that shape. */
  restore() {}

  get empty() {
    return Object.values(this.fields()).every(
      (value) => value === null || value === undefined || value === "" || value.length === 0,
    );
  }

  /** What is wrong with the value, in words for the person, or null. */
  problem() {
    return null;
  }

  /** The entry of this element in `state.values`. */
  state() {
    return { type: this.element.type, ...this.fields() };
  }

  /** The entry of this element in `actions`. */
  action() {
    return { type: this.element.type, action_id: this.element.action_id, ...this.fields() };
  }

  /** What the page itself does once the person agreed: a link is followed. */
  agreed() {}

  focus() {
    this.focusable?.focus();
  }

  busy(on) {
    this.node.classList.toggle("busy", on);
    this.node.setAttribute("aria-busy", on);
  }

  /** Name the focusable part by the label of its block, or by its own words. */
  nameIt(node) {
    const { labelledBy, describedBy, label } = this.place;
    if (labelledBy) node.setAttribute("aria-labelledby", labelledBy);
    else
      node.setAttribute(
        "aria-label",
        this.element.accessibility_label ??
          (this.element.placeholder?.text || label || this.element.action_id),
      );
    if (describedBy) node.setAttribute("aria-describedby", describedBy);
    if (labelledBy && !this.place.optional) node.setAttribute("aria-required", "true");
  }

  /** Tell the block that the person changed the value; the old one returns when a confirm dialog is denied. */
  changed(trigger = "change") {
    const before = this.settled;
    this.settled = this.fields();
    this.place.changed(this, trigger, () => {
      this.settled = before;
      this.restore(before);
    });
  }
}
