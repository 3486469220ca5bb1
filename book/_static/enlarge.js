// A picture that a narrow screen shows too small to read can be opened in full size, and moved under a finger or by the arrow keys.
"use strict";

(() => {
    // A picture shown at less than this share of its own width gets a button.
    const READABLE = 0.75;

    const shownPicture = (figure) => [...figure.querySelectorAll("img")].find((image) => image.offsetWidth > 0);

    const makeDialog = () => {
        const dialog = document.createElement("dialog");
        dialog.className = "enlarged";
        dialog.setAttribute("aria-label", "The picture in full size");
        dialog.innerHTML = `<form method="dialog"><button class="enlarge-button">Close</button></form><div class="enlarged-picture" tabindex="0"></div>`;
        dialog.addEventListener("keydown", (event) => event.key === "Escape" && dialog.close()); // the theme keeps the key from the browser
        dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
        document.body.append(dialog);
        return dialog;
    };

    let dialog;
    const enlarge = (figure) => {
        dialog ??= makeDialog();
        const picture = shownPicture(figure).cloneNode();
        picture.removeAttribute("style");
        dialog.querySelector(".enlarged-picture").replaceChildren(picture);
        dialog.showModal();
    };

    document.addEventListener("DOMContentLoaded", () => {
        for (const figure of document.querySelectorAll(".themed-figure")) {
            const button = document.createElement("button");
            button.type = "button";
            button.className = "enlarge-button";
            button.textContent = "Enlarge the picture";
            button.addEventListener("click", () => enlarge(figure));
            figure.append(button);
            new ResizeObserver(() => {
                const picture = shownPicture(figure);
                button.hidden = !picture || picture.offsetWidth >= READABLE * Number(picture.getAttribute("width"));
            }).observe(figure);
        }
    });
})();
