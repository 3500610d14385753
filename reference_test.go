package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"bankgraph/auth"
)

// The pages of docs/ that follow from the code are made from it, and these tests keep them true.

func TestConfigurationReference(t *testing.T) {
	t.Parallel()
	parser, err := newParser(&Program{})
	if err != nil {
		t.Fatal(err)
	}
	var page strings.Builder
	page.WriteString("# Configuration\n\nEvery flag has an environment variable; the flag wins. This page is made from the program.\n")
	writeCommand(&page, parser.Model.Node, "bankgraph")
	golden(t, []byte(page.String()), "..", "docs", "configuration.md")
}

func writeCommand(page *strings.Builder, node *kong.Node, name string) {
	if node.Type == kong.CommandNode {
		fmt.Fprintf(page, "\n## %s\n\n%s\n", name, node.Help)
	} else {
		page.WriteString("\n## All commands\n")
	}
	if len(node.Positional) > 0 {
		page.WriteString("\n| argument | meaning |\n|---|---|\n")
		for _, argument := range node.Positional {
			fmt.Fprintf(page, "| `%s` | %s |\n", argument.Name, argument.Help)
		}
	}
	header := "\n| flag | environment | default | meaning |\n|---|---|---|---|\n"
	for _, flag := range node.Flags {
		if flag.Name == "help" {
			continue
		}
		page.WriteString(header)
		header = ""
		fallback := ""
		if flag.Default != "" {
			fallback = "`" + flag.Default + "`"
		}
		fmt.Fprintf(page, "| `--%s` | `%s` | %s | %s |\n", flag.Name, strings.Join(flag.Envs, "`, `"), fallback, strings.ReplaceAll(flag.Help, "${enum}", flag.Enum))
	}
	for _, child := range node.Children {
		writeCommand(page, child, name+" "+child.Name)
	}
}

func TestEveryFlagHasItsEnvironmentVariable(t *testing.T) {
	t.Parallel()
	parser, err := newParser(&Program{})
	if err != nil {
		t.Fatal(err)
	}
	_ = kong.Visit(parser.Model, func(node kong.Visitable, next kong.Next) error {
		if flag, ok := node.(*kong.Flag); ok && flag.Name != "help" && len(flag.Envs) == 0 {
			t.Errorf("--%s has no environment variable", flag.Name)
		}
		return next(nil)
	})
}

func TestRolesReference(t *testing.T) {
	t.Parallel()
	where := map[auth.Scope]string{auth.AtBank: "at a bank", auth.AtSystem: "system-wide", auth.AtEither: "at a bank, or system-wide"}
	var page strings.Builder
	page.WriteString("# Roles\n\nThe roles that the graph asks for, in OBP's spelling. This page is made from the program.\n\n| role | held | to |\n|---|---|---|\n")
	for _, info := range auth.Roles {
		fmt.Fprintf(&page, "| `%s` | %s | %s |\n", info.Role, where[info.Scope], info.Purpose)
	}
	golden(t, []byte(page.String()), "..", "docs", "roles.md")
}
