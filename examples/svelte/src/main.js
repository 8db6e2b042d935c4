import { mount } from "svelte";
import Chat from "./Chat.svelte";
import "./style.css";

mount(Chat, {
  target: document.querySelector("#root"),
  props: { url: import.meta.env.SERVER_URL },
});
