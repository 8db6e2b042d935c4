// VitePress's theme with the system's fonts, and the live chat of the home page.
import DefaultTheme from "vitepress/theme-without-fonts";
import { defineAsyncComponent } from "vue";
import { boostDocument } from "../search.mjs";
import HomePage from "./HomePage.vue";
import "./style.css";

const components = import.meta.glob("./LiveChat.vue");

export default {
  extends: DefaultTheme,
  enhanceApp({ app, siteData }) {
    app.component("HomePage", HomePage);
    const load = components["./LiveChat.vue"];
    app.component("LiveChat", load ? defineAsyncComponent(load) : { render: () => null });
    // A function cannot be in the configuration: see config.mjs.
    siteData.value.themeConfig.search.options.miniSearch.searchOptions.boostDocument =
      boostDocument;
  },
};
