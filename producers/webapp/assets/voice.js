// Speech to text where the browser has it (it may need the network; typing never does).

import { $ } from "./dom.js";

const Recognition = self.SpeechRecognition ?? self.webkitSpeechRecognition;

// Shows the button, when there is something behind it. `onText`: what was understood was put into the text.
export function begin(onText) {
  if (!Recognition) return;
  const button = $("mic");
  button.hidden = false;
  let listening = null;
  button.addEventListener("click", () => {
    if (listening) return listening.stop();
    const before = $("text").value.trimEnd();
    listening = new Recognition();
    listening.lang = "id-ID";
    listening.interimResults = true;
    listening.onresult = ({ results }) => {
      const heard = Array.from(results, (result) => result[0].transcript).join(" ");
      $("text").value = `${before}${before ? " " : ""}${heard}`.slice(0, 4000);
      onText();
    };
    listening.onerror = ({ error }) => {
      if (error !== "aborted" && error !== "no-speech") $("missing").textContent = "Suara tidak dapat ditulis sekarang. Ketik saja.";
    };
    listening.onend = () => { listening = null; button.setAttribute("aria-pressed", "false"); };
    button.setAttribute("aria-pressed", "true");
    listening.start();
  });
}
