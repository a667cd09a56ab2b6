// Light or dark before the first paint: as chosen (the cookie `theme`, which the server has
// written into the page), else as the system says.
const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => {
  if (!("themeChosen" in root.dataset)) root.dataset.bsTheme = dark.matches ? "dark" : "light";
};
follow();
dark.addEventListener("change", follow);
