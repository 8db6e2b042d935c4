import { createApp } from "vue";
import Chat from "./Chat.vue";
import "./style.css";

createApp(Chat, { url: import.meta.env.SERVER_URL }).mount("#root");
