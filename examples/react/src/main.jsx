import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Chat } from "./Chat.jsx";
import "./style.css";

createRoot(document.querySelector("#root")).render(
  <StrictMode>
    <Chat url={import.meta.env.SERVER_URL} />
  </StrictMode>,
);
