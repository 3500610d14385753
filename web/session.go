package web

import (
	"encoding/json"
	"net"
	"net/http"
	"strings"
)

// sessionHandler answers what the page starts with. The answer carries tokens:
// it is never cached, never given to another site, and has no users in it when
// the page was not opened under a loopback name.
func sessionHandler(session func(r *http.Request) Playground) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		if !fromOwnPage(r) {
			http.Error(w, "The playground session is for the playground page only.", http.StatusForbidden)
			return
		}

		playground := session(r)
		if !loopbackHost(r.Host) {
			playground.Users = nil
		}
		body, err := json.Marshal(withoutNull(playground))
		if err != nil {
			// Only strings are marshalled, so this cannot fail.
			panic("web: marshal playground session: " + err.Error())
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body) // The reader went away; there is nobody left to tell.
	}
}

// fromOwnPage reports whether the browser says that the request was made by a
// page of this origin or typed in by the reader. A page on another port of
// localhost is "same-site", so that is refused like "cross-site". Programs
// that are not browsers send no such header and pass.
func fromOwnPage(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return true
	default:
		return false
	}
}

// loopbackHost reports whether host, with or without a port, is one of the
// names that only ever mean this machine. Under DNS rebinding the browser is
// sent to 127.0.0.1 but still sends the attacker's name as Host.
func loopbackHost(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	switch strings.ToLower(host) {
	case "localhost", "127.0.0.1", "::1", "[::1]":
		return true
	default:
		return false
	}
}

// withoutNull makes absent lists empty ones, so that the page needs no check.
func withoutNull(playground Playground) Playground {
	if playground.Users == nil {
		playground.Users = []User{}
	}
	if playground.Tabs == nil {
		playground.Tabs = []Tab{}
	}
	return playground
}
