// The list of users, the recipient of messages, and the form for renaming.
import { element, find, nameNode, setText } from "./dom.js";
import { say } from "./texts.js";
import { errorText } from "./thread.js";

export class People {
  #list = find("users");
  #to = find("to");
  #rename = find("rename");
  #newName = find("new-name");
  #error = find("rename-error");
  /** The recipients to offer, once the selection is closed. */
  #late;
  /** The users to show with the next frame. */
  #next;
  #onWriteTo;

  /**
   * @param {object} listener
   * @param {() => void} listener.onWriteTo - a recipient was selected
   * @param {(userName: string) => Promise<object | undefined>} listener.onRename - resolves to the
   *   reason of a refusal
   */
  constructor({ onWriteTo, onRename }) {
    this.#onWriteTo = onWriteTo;
    this.#to.addEventListener("change", () => this.#showAlone());
    this.#to.addEventListener("blur", () => {
      if (this.#late) queueMicrotask(() => this.#showChoices(this.#late));
    });
    this.#rename.addEventListener("submit", async (event) => {
      event.preventDefault();
      const error = await onRename(this.#newName.value.trim());
      setText(this.#error, error ? errorText({ name: this.#newName.value.trim(), ...error }) : "");
      if (error?.suggestion) this.#newName.value = error.suggestion;
      if (error === undefined) {
        find("renaming").open = false;
        find("renaming").querySelector("summary").focus();
      }
    });
  }

  /** The recipient of private messages: `{ id, userName }`, or undefined for all. */
  get to() {
    const { value, selectedOptions } = this.#to;
    return value === "" ? undefined : { id: value, userName: selectedOptions[0].dataset.name };
  }

  writeTo(id) {
    this.#to.value = id;
    this.#showAlone();
    this.#onWriteTo();
  }

  /** Shows the users, at most once per frame. */
  show(people, me) {
    setText(find("online"), say("online", { count: people.size }));
    setText(find("count"), String(people.size));
    const label = `${say("people")}: ${say("online", { count: people.size })}`;
    find("show-people").setAttribute("aria-label", label);
    if (find("renaming").hidden) {
      find("renaming").hidden = false;
      this.#newName.value = me.userName;
    }
    if (this.#next === undefined) requestAnimationFrame(() => this.#showNext());
    this.#next = { people, me };
  }

  #showNext() {
    const { people, me } = this.#next;
    this.#next = undefined;
    const users = [...people.values()].sort((a, b) => a.userName.localeCompare(b.userName));
    // A focused user keeps the focus.
    const focused = document.activeElement?.closest?.("#users li")?.dataset.id;
    this.#list.replaceChildren(...users.map((user) => this.#userLine(user, user.id === me.id)));
    if (focused) this.#list.querySelector(`[data-id="${CSS.escape(focused)}"] button`)?.focus();
    this.#showChoices(users.filter(({ id }) => id !== me.id));
  }

  #userLine(user, isMe) {
    const line = element("li", "");
    line.dataset.id = user.id;
    if (isMe) {
      line.append(nameNode(user.userName), element("span", "faint", ` (${say("you")})`));
      return line;
    }
    const button = element("button", "quiet", nameNode(user.userName));
    button.type = "button";
    button.setAttribute("aria-label", say("writeTo", { name: user.userName }));
    button.addEventListener("click", () => this.writeTo(user.id));
    line.append(button);
    return line;
  }

  #showChoices(users) {
    // The options do not change while the selection is open.
    this.#late = document.activeElement === this.#to ? users : undefined;
    if (this.#late) return;
    const chosen = this.to;
    const choices = users.map((user) => choice(user, user.userName));
    // A user who has left remains selected: a private message must not be sent to all instead.
    if (chosen !== undefined && !users.some(({ id }) => id === chosen.id)) {
      choices.push(choice(chosen, say("gone", { name: chosen.userName })));
    }
    this.#to.replaceChildren(this.#to.options[0], ...choices);
    this.#to.value = chosen?.id ?? "";
  }

  #showAlone() {
    find("compose").classList.toggle("alone", this.#to.value !== "");
  }
}

function choice({ id, userName }, text) {
  const made = new Option(text, id);
  made.dataset.name = userName;
  return made;
}
