"""The other languages in the graph: how each gets from a name to its definition in another file."""

from __future__ import annotations

import pytest

from repo.trees import graph_of, named

GO = {
    "go.mod": "module example.com/app\n\ngo 1.22\n",
    "main.go": (
        'package main\n\nimport (\n\t"fmt"\n\tu "example.com/app/util"\n\t"example.com/app/store/v2"\n)\n\n'
        "type Server struct {\n\tBase\n}\n\n"
        "func (s *Server) Run() {\n\tu.Do()\n\tv2.Open()\n\thelper()\n\tfmt.Println()\n}\n"
    ),
    "helper.go": "package main\n\ntype Base struct{}\n\nfunc (b *Base) Stop() {}\n\nfunc helper() {}\n",
    "util/do.go": "package util\n\nfunc Do() {}\n",
    "util/do_test.go": "package util\n\nfunc OnlyInTests() {}\n",
    "store/v2/open.go": "package store\n\nfunc Open() {}\n",
    "other/helper.go": "package other\n\nfunc helper() {}\n",
}
RUST = {
    "Cargo.toml": '[package]\nname = "my-app"\n',
    "src/main.rs": (
        "mod net;\nmod base;\nuse crate::net::{Client, util as u};\nuse tools::hammer;\n\n"
        "pub struct S {}\n\nimpl S {\n    pub fn run(&self) { u::go(); crate::net::util::go(); hammer(); }\n}\n\n"
        "impl base::Base for S {}\n"
    ),
    "src/net/mod.rs": (
        "pub mod util;\npub use self::util::go as gone;\npub struct Client {}\nimpl Client { pub fn connect() {} }\n"
    ),
    "src/net/util.rs": "use super::super::base::Base;\npub fn go() {}\n",
    "src/base.rs": "pub trait Base { fn stop(&self) {} }\n",
    "tools/Cargo.toml": '[package]\nname = "tools"\n',
    "tools/src/lib.rs": "pub fn hammer() {}\n",
}
JAVA = {
    "app/core/Main.java": (
        "package com.app.core;\nimport com.app.util.Helper;\nimport com.app.model.*;\n"
        "import static com.app.util.Helper.help;\nimport java.util.List;\n"
        "public class Main extends Base {\n"
        "  void run() { Helper.help(); help(); new User(); List.of(); inherited(); }\n}\n"
    ),
    "app/core/Base.java": "package com.app.core;\npublic class Base { void inherited() {} }\n",
    "app/util/Helper.java": "package com.app.util;\npublic class Helper { public static void help() {} }\n",
    "app/model/User.java": "package com.app.model;\npublic class User {}\n",
    "other/User.java": "package com.other;\npublic class User {}\n",
}
CSHARP = {
    "Core/Main.cs": (
        "using App.Util;\nusing H = App.Util.Helper;\nnamespace App.Core {\n  public class Main : Base {\n"
        "    void Run() { Helper.Help(); H.Help(); new Shared(); }\n  }\n}\n"
    ),
    "Core/Base.cs": "namespace App.Core;\npublic class Base { public void Inherited() {} }\n",
    "Util/Helper.cs": "namespace App.Util {\n  public static class Helper { public static void Help() {} }\n}\n",
    "Shared.cs": "namespace App;\npublic class Shared {}\n",
    "Other/Helper.cs": "namespace Other;\npublic class Helper {}\n",
}
PHP = {
    "src/Core/Main.php": (
        "<?php\nnamespace App\\Core;\nuse App\\Util\\Helper;\nuse App\\Util\\{A as B};\n"
        "class Main extends Base {\n  function run() { Helper::help(); $this->inherited(); new B(); }\n}\n"
    ),
    "src/Core/Base.php": "<?php\nnamespace App\\Core;\nclass Base { function inherited() {} }\n",
    "src/Util/Helper.php": "<?php\nnamespace App\\Util;\nclass Helper { static function help() {} }\n",
    "src/Util/A.php": "<?php\nnamespace App\\Util;\nclass A {}\n",
}
C = {
    "src/main.c": '#include "util/list.h"\n#include <stdio.h>\nint run(struct node *n) { return list_size(n); }\n',
    "include/util/list.h": '#include "node.h"\nint list_size(struct node *n);\n',
    "include/util/node.h": "struct node { int a; };\n",
    "src/list.c": '#include "util/list.h"\nint list_size(struct node *n) { return 0; }\n',
}
RUBY = {
    "app/main.rb": (
        'require "json"\nrequire_relative "lib/helper"\nrequire "tools/hammer"\n'
        "module App\n  class Main < Base\n    def run\n      Helper.help\n      self.inherited\n    end\n  end\nend\n"
    ),
    "app/lib/helper.rb": "class Helper\n  def self.help\n  end\nend\n",
    "app/base.rb": "module App\n  class Base\n    def inherited\n    end\n  end\nend\n",
    "lib/tools/hammer.rb": "class Hammer\nend\n",
}
LUA = {
    "main.lua": 'local util = require("app.util")\nutil.go()\n',
    "lua/app/util.lua": "local M = {}\nfunction M.go() end\nreturn M\n",
}


@pytest.mark.parametrize(
    ("tree", "path", "name", "qualifier", "expected"),
    [
        (GO, "main.go", "Do", "u", ["util/do.go:Do"]),
        (GO, "main.go", "Open", "store", ["store/v2/open.go:Open"]),
        (GO, "main.go", "helper", "", ["helper.go:helper"]),
        (GO, "main.go", "OnlyInTests", "u", []),
        (GO, "main.go", "Println", "fmt", []),
        (RUST, "src/main.rs", "Client", "", ["src/net/mod.rs:Client"]),
        (RUST, "src/main.rs", "go", "u", ["src/net/util.rs:go"]),
        (RUST, "src/main.rs", "go", "crate.net.util", ["src/net/util.rs:go"]),
        (RUST, "src/main.rs", "gone", "net", ["src/net/util.rs:go"]),
        (RUST, "src/main.rs", "connect", "Client", ["src/net/mod.rs:Client.connect"]),
        (RUST, "src/main.rs", "connect", "crate.net.Client", ["src/net/mod.rs:Client.connect"]),
        (RUST, "src/main.rs", "hammer", "", ["tools/src/lib.rs:hammer"]),
        (RUST, "src/net/util.rs", "Base", "", ["src/base.rs:Base"]),
        (RUST, "src/main.rs", "stop", "S", ["src/base.rs:Base.stop"]),
        (JAVA, "app/core/Main.java", "Helper", "", ["app/util/Helper.java:Helper"]),
        (
            JAVA,
            "app/core/Main.java",
            "help",
            "",
            ["app/util/Helper.java:Helper.help"],
        ),
        (
            JAVA,
            "app/core/Main.java",
            "help",
            "Helper",
            ["app/util/Helper.java:Helper.help"],
        ),
        (JAVA, "app/core/Main.java", "User", "", ["app/model/User.java:User"]),
        (JAVA, "app/core/Main.java", "Base", "", ["app/core/Base.java:Base"]),
        (
            JAVA,
            "app/core/Main.java",
            "inherited",
            "Main",
            ["app/core/Base.java:Base.inherited"],
        ),
        (JAVA, "app/core/Main.java", "List", "", []),
        (CSHARP, "Core/Main.cs", "Helper", "", ["Util/Helper.cs:App.Util.Helper"]),
        (CSHARP, "Core/Main.cs", "Help", "H", ["Util/Helper.cs:App.Util.Helper.Help"]),
        (CSHARP, "Core/Main.cs", "Base", "", ["Core/Base.cs:Base"]),
        (CSHARP, "Core/Main.cs", "Shared", "", ["Shared.cs:Shared"]),
        (PHP, "src/Core/Main.php", "Helper", "", ["src/Util/Helper.php:Helper"]),
        (PHP, "src/Core/Main.php", "help", "Helper", ["src/Util/Helper.php:Helper.help"]),
        (PHP, "src/Core/Main.php", "B", "", ["src/Util/A.php:A"]),
        (PHP, "src/Core/Main.php", "Base", "", ["src/Core/Base.php:Base"]),
        (C, "src/main.c", "list_size", "", ["include/util/list.h:list_size", "src/list.c:list_size"]),
        (C, "src/main.c", "node", "", ["include/util/node.h:node"]),
        (C, "src/main.c", "printf", "", []),
        (RUBY, "app/main.rb", "help", "Helper", ["app/lib/helper.rb:Helper.help"]),
        (RUBY, "app/main.rb", "Hammer", "", ["lib/tools/hammer.rb:Hammer"]),
        (RUBY, "app/main.rb", "Base", "", ["app/base.rb:App.Base"]),
        (LUA, "main.lua", "go", "util", ["lua/app/util.lua:M.go"]),
    ],
)
def test_names_are_followed_to_their_definitions(
    tree: dict[str, str], path: str, name: str, qualifier: str, expected: list[str]
) -> None:
    found = named(graph_of(tree).resolve(path, name, qualifier))
    assert [one for one in found if name not in one.partition(":")[0] or ":" in one] == expected


def test_what_an_instance_calls_itself_is_of_the_class_around_it() -> None:
    assert named(graph_of(PHP).resolve("src/Core/Main.php", "inherited", "$this", 5)) == [
        "src/Core/Base.php:Base.inherited"
    ]
    assert named(graph_of(RUBY).resolve("app/main.rb", "inherited", "self", 7)) == ["app/base.rb:App.Base.inherited"]
    assert named(graph_of(RUST).resolve("src/main.rs", "run", "self", 8)) == ["src/main.rs:S.run"]


@pytest.mark.parametrize(
    ("tree", "path", "importer"),
    [
        (GO, "util/do.go", "main.go"),
        (GO, "store/v2/open.go", "main.go"),
        (RUST, "tools/src/lib.rs", "src/main.rs"),
        (JAVA, "app/util/Helper.java", "app/core/Main.java"),
        (JAVA, "app/model/User.java", "app/core/Main.java"),
        (CSHARP, "Util/Helper.cs", "Core/Main.cs"),
        (PHP, "src/Util/Helper.php", "src/Core/Main.php"),
        (RUBY, "app/lib/helper.rb", "app/main.rb"),
        (LUA, "lua/app/util.lua", "main.lua"),
    ],
)
def test_files_know_who_imports_them(tree: dict[str, str], path: str, importer: str) -> None:
    assert graph_of(tree).importers(path) == [importer]
