// Makes or uses a passkey when the form of the page is submitted; the page holds the options of the server.
"use strict";

(() => {
  const form = document.getElementById("passkey-form");
  const options = JSON.parse(document.getElementById("passkey-options").textContent).publicKey;
  const problem = form.querySelector("[role=alert]");
  const answer = form.elements.namedItem("passkey");

  const ask = async () => {
    if (form.dataset.passkey === "create") {
      return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) });
    }
    return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
  };

  form.addEventListener("submit", async (event) => {
    if (answer.value) {
      return;
    }
    event.preventDefault();
    problem.textContent = problem.className = "";
    try {
      answer.value = JSON.stringify((await ask()).toJSON());
      form.requestSubmit();
    } catch {
      problem.textContent = form.dataset.failed;
      problem.className = "errornote";
    }
  });
})();
