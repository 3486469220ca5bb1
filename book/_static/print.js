// Paper is white: while a page is printed it wears its light theme, and what a reader may unfold is open.
"use strict";

(() => {
    let theme;
    let opened = [];

    window.addEventListener("beforeprint", () => {
        theme = document.documentElement.dataset.theme;
        document.documentElement.dataset.theme = "light";
        opened = [...document.querySelectorAll("article details:not(.hide):not([open])")];
        opened.forEach((fold) => fold.setAttribute("open", ""));
    });

    window.addEventListener("afterprint", () => {
        document.documentElement.dataset.theme = theme;
        opened.forEach((fold) => fold.removeAttribute("open"));
    });
})();
