;;; play.el --- Scenarios for the tests of spark-lsp in Emacs  -*- lexical-binding: t -*-

;; Each is a function that Emacs runs in batch mode: it opens the file of the plan with the user's settings of the plan,
;; does what a user does, and tells what came of it as lines of JSON.  Nothing sleeps for a fixed time.

;;; Code:

(require 'json)
(require 'seq)

;; The compiler would start an Emacs that does not find its libraries.
(setq native-comp-jit-compilation nil native-comp-enable-subr-trampolines nil)

(defconst play-plan
  (with-temp-buffer
    (insert-file-contents (getenv "SPARK_TEST_PLAN"))
    (json-parse-buffer :object-type 'plist :array-type 'list))
  "What this run is to do.")

(defconst play-deadline 20 "Seconds until something that must happen has failed.")

(defun play-plan (key)
  "What the plan has under KEY."
  (plist-get play-plan key))

(defun play-tell (name value)
  "Tell the test VALUE under NAME."
  (princ (concat (decode-coding-string (json-serialize (list name value)) 'utf-8) "\n"))
  (set-binary-mode 'stdout t)) ; which also flushes

(defun play-text ()
  "The whole text of the buffer."
  (buffer-substring-no-properties (point-min) (point-max)))

(defun play-until (condition what)
  "Wait until CONDITION holds; fail with WHAT if it does not."
  (let ((end (+ (float-time) play-deadline)))
    (while (not (funcall condition))
      (when (> (float-time) end)
        (error "Never came: %s; the text is\n%s" what (play-text)))
      (accept-process-output nil 0.02))))

(defun play-find (part)
  "Put point at the beginning of PART."
  (goto-char (point-min))
  (search-forward part)
  (goto-char (match-beginning 0)))

(defun play-command (function &rest arguments)
  "Do what a key does that runs FUNCTION with ARGUMENTS: it is one step of undo."
  (undo-boundary)
  (setq last-command this-command this-command function)
  (prog1 (apply function arguments)
    (run-hooks 'post-command-hook)
    (undo-boundary)))

(defun play-undo ()
  "Undo once."
  (setq last-command 'ignore this-command 'undo)
  (undo-boundary)
  (undo))

(defun play-open ()
  "Open the file with the user's settings."
  (setq make-backup-files nil auto-save-default nil create-lockfiles nil)
  (load (play-plan :init) nil t)
  (find-file (play-plan :file))
  (run-hooks 'post-command-hook))

;; eglot

(defun play-eglot ()
  "Open the file and wait until eglot has its server."
  (require 'eglot)
  (setq eglot-sync-connect play-deadline eglot-autoshutdown t)
  (play-open)
  (play-until #'eglot-current-server "a server"))

(defun play-close ()
  "Kill the buffer, and with it the server."
  (set-buffer-modified-p nil)
  (kill-buffer))

(defun play-select (part)
  "Select PART; return where it is."
  (play-find part)
  (push-mark (+ (point) (length part)) t t)
  (setq transient-mark-mode t)
  (list (region-beginning) (region-end)))

(defun play-eglot-action ()
  "Run a code action on a selection, and undo it."
  (play-eglot)
  (let* ((span (play-select (play-plan :part)))
         (actions (eglot-code-actions (car span) (cadr span) nil nil))
         (action (seq-find (lambda (one) (string-search (play-plan :title) (plist-get one :title))) actions)))
    (play-tell :titles (vconcat (mapcar (lambda (one) (plist-get one :title)) actions)))
    (play-command #'eglot-execute (eglot-current-server) action)
    (play-tell :edited (play-text))
    (play-undo)
    (play-tell :undone (play-text)))
  (play-close))

(defun play-eglot-instruction ()
  "Give an instruction for a selection, type above it meanwhile, and revert."
  (play-eglot)
  (play-select (play-plan :part))
  (play-command #'spark-edit (play-plan :instruction))
  (deactivate-mark)
  (play-until (lambda () (string-search (play-plan :first) (play-text))) "the first hunk")
  (play-find (play-plan :above))
  (play-command #'insert (play-plan :typed))
  (play-tell :typing (play-text))
  (play-until (lambda () spark-last-edit) "the result")
  (play-tell :edited (play-text))
  (play-command #'spark-revert)
  (play-until (lambda () (not (string-search (play-plan :first) (play-text)))) "the text without the edit")
  (play-tell :reverted (play-text))
  (play-close))

(defun play-eglot-next-edit ()
  "Change a name by hand and have the next place follow."
  (play-eglot)
  (play-find (play-plan :old))
  (play-command (lambda () (delete-char (length (play-plan :old))) (insert (play-plan :new))))
  (play-command #'spark-next-edit)
  (play-until (lambda () (not (string-search (play-plan :old) (play-text)))) "the next edit")
  (play-tell :edited (play-text))
  (play-close))

(defun play-eglot-completion ()
  "Have the suggestion at a place as the only candidate."
  (play-eglot)
  (play-find (play-plan :after))
  (forward-char (length (play-plan :after)))
  (play-command #'completion-at-point)
  (play-tell :edited (play-text))
  (play-close))

;; lsp-mode

(defun play-lsp ()
  "Open the file and wait until lsp-mode has its server."
  (load "lsp-mode-autoloads" nil t) ; as package.el does
  (require 'lsp-mode)
  (setq lsp-enable-snippet nil lsp-auto-guess-root t lsp-enable-file-watchers nil lsp-restart 'ignore lsp-keep-workspace-alive nil
        lsp-session-file (expand-file-name "session" (file-name-directory (play-plan :init)))
        lsp-enable-suggest-server-download nil lsp-lens-auto-enable t)
  (play-open)
  (play-until (lambda () (and (bound-and-true-p lsp-mode) (lsp-workspaces)
                              (lsp-feature? "textDocument/codeAction")))
              "a server"))

(defun play-lsp-action ()
  "Run a code action on a selection, and revert the edit by its lens."
  (play-lsp)
  (play-select (play-plan :part))
  (let* ((actions (lsp-code-actions-at-point))
         (action (seq-find (lambda (one) (string-search (play-plan :title) (lsp:code-action-title one))) actions)))
    (play-command #'lsp-execute-code-action action)
    (play-until (lambda () (not (equal (play-text) (play-plan :before)))) "the edit")
    (play-tell :edited (play-text)))
  (deactivate-mark)
  (let ((lenses (lsp-request "textDocument/codeLens" (list :textDocument (lsp--text-document-identifier)))))
    (play-tell :lenses (vconcat (mapcar (lambda (lens) (lsp:command-title (lsp:code-lens-command? lens))) lenses)))
    (lsp--execute-command (lsp:code-lens-command?
                           (seq-find (lambda (lens)
                                       (equal (lsp:command-title (lsp:code-lens-command? lens)) (play-plan :lens)))
                                     lenses))))
  (play-until (lambda () (equal (play-text) (play-plan :before))) "the text as it was")
  (play-tell :reverted (play-text))
  (play-close))

(defun play-lsp-ghost ()
  "Have ghost text shown at a place, accept it and undo."
  (play-lsp)
  (play-find (play-plan :after))
  (forward-char (length (play-plan :after)))
  (play-command #'lsp-inline-completion-display)
  (play-tell :shown (let ((shown (overlay-get lsp-inline-completion--overlay 'after-string)))
                      (substring-no-properties (or shown ""))))
  (play-command #'lsp-inline-completion-accept)
  (play-tell :edited (play-text))
  (play-undo)
  (play-tell :undone (play-text))
  (play-close))

;;; play.el ends here
