/* The page of all claims: a button for each verdict shows the claims that have it, and no others. */
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const claims = [...document.querySelectorAll("div.claim[class*=claim-box-]:not(.claim-short)")];
  const table = document.querySelector("table");
  if (!claims.length || !table) return;
  const sections = new Set(claims.map((claim) => claim.closest("section")));
  const verdictOf = (claim) => claim.querySelector(".claim-verdict").textContent;
  const verdicts = ["all", ...new Set(claims.map(verdictOf))];
  const row = document.createElement("div");
  row.className = "claim-filter";
  row.setAttribute("role", "group");
  row.setAttribute("aria-label", "Show claims by verdict");
  const buttons = verdicts.map((verdict) => {
    const button = document.createElement("button");
    const count = verdict === "all" ? claims.length : claims.filter((claim) => verdictOf(claim) === verdict).length;
    button.type = "button";
    button.textContent = `${verdict} (${count})`;
    button.addEventListener("click", () => show(verdict));
    return button;
  });

  function show(verdict) {
    buttons.forEach((button, place) => button.setAttribute("aria-pressed", String(verdicts[place] === verdict)));
    claims.forEach((claim) => {
      claim.hidden = verdict !== "all" && verdictOf(claim) !== verdict;
    });
    sections.forEach((section) => {
      section.hidden = claims.every((claim) => claim.hidden || !section.contains(claim));
    });
  }

  /** Show the claims with the verdict that the address names, such as #verdict=not-checkable. */
  function follow() {
    const wanted = location.hash.replace("#verdict=", "");
    show(verdicts.find((verdict) => verdict.slice(2).replaceAll(" ", "-") === wanted) ?? "all");
  }

  row.append(...buttons);
  table.closest("div, section").after(row);
  addEventListener("hashchange", follow);
  follow();
});
