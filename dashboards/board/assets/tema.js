// Before anything is drawn: the scheme that this browser was told to use, else the system's; and whether keys of one letter act.
(() => {
  document.documentElement.dataset.pintas = localStorage.getItem("posko.pintas") ?? "nyala";
  const kept = localStorage.getItem("posko.tema");
  if (kept) document.documentElement.dataset.theme = kept;
  document.addEventListener("DOMContentLoaded", () => {
    document.getElementById("tema")?.addEventListener("click", () => {
      const dark = document.documentElement.dataset.theme
        ? document.documentElement.dataset.theme === "dark"
        : matchMedia("(prefers-color-scheme: dark)").matches;
      document.documentElement.dataset.theme = dark ? "light" : "dark";
      localStorage.setItem("posko.tema", document.documentElement.dataset.theme);
    });
  });
})();
