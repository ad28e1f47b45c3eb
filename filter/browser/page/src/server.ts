/** The file that `firelens-kit playground` opened, when it serves the page. */

export interface Server {
  path: string;
  /** None: the file is not there yet. */
  text: string | null;
  save(text: string, button: HTMLElement): Promise<void>;
}

/** None: the page was opened from a folder, or from somewhere else. */
export async function server(): Promise<Server | undefined> {
  if (document.documentElement.dataset["served"] !== "yes") {
    return undefined;
  }
  const opened = await fetch("file");
  if (!opened.ok) {
    throw new Error(await opened.text());
  }
  const { path, text } = await opened.json();
  return {
    path,
    text,
    async save(text, button) {
      const saved = await fetch("file", { method: "PUT", body: text, headers: { "Content-Type": "application/toml" } });
      if (!saved.ok) {
        throw new Error(await saved.text());
      }
      button.textContent = "Saved";
      setTimeout(() => (button.textContent = "Save firelens.toml"), 2000);
    },
  };
}
