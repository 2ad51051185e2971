/** Light or dark: as the system says, until somebody chooses. */

import { useState } from "preact/hooks";

const KEY = "theme";
const ORDER = ["system", "light", "dark"] as const;
type Theme = (typeof ORDER)[number];

function stored(): Theme {
  try {
    const text = localStorage.getItem(KEY);
    return ORDER.find((theme) => theme === text) ?? "system";
  } catch {
    return "system";
  }
}

function apply(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}

apply(stored());

/** Goes through the three choices. */
export function ThemeButton() {
  const [theme, setTheme] = useState(stored);
  const next = ORDER[(ORDER.indexOf(theme) + 1) % ORDER.length]!;
  const choose = () => {
    try {
      localStorage.setItem(KEY, next);
    } catch {
      // It holds for this page then.
    }
    apply(next);
    setTheme(next);
  };
  return (
    <button type="button" class="quiet" onClick={choose} title={`Colours: ${theme}; next ${next}`}>
      {{ system: "Auto", light: "Light", dark: "Dark" }[theme]}
    </button>
  );
}
