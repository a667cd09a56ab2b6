// Switches at once; the form tells the server, which remembers it in a cookie.
const YEAR = 365 * 24 * 3600;

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-theme-switch]")) return;
  event.preventDefault();
  choose(event.submitter.value);
  for (const button of event.target.querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button === event.submitter));
  }
});

function choose(theme) {
  const root = document.documentElement;
  if (theme === "system") {
    document.cookie = "theme=; path=/; max-age=0; samesite=lax";
    delete root.dataset.themeChosen;
    root.dataset.bsTheme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  } else {
    document.cookie = `theme=${theme}; path=/; max-age=${YEAR}; samesite=lax`;
    root.dataset.themeChosen = "";
    root.dataset.bsTheme = theme;
  }
  document.dispatchEvent(new Event("themechange"));
}
