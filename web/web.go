// Package web serves the GraphQL playground: one page where a reader of the
// API can run the example requests as different demo users.
//
// Everything the page needs is compiled into the binary. The page loads
// nothing from another origin, runs no inline script, and is served under a
// Content-Security-Policy that holds it to both. Building or running the
// server needs no Node; the browser test in the folder test does.
package web

import "net/http"

// User is a demo user offered in the playground.
type User struct {
	// Name is what the playground's select shows. It is unique among the users.
	Name string `json:"name"`
	// Description says in a few words what this user may do.
	Description string `json:"description"`
	// Token is sent as "Authorization: Bearer <token>".
	Token string `json:"token"`
}

// Tab is an example request.
type Tab struct {
	// Title is the label of the tab.
	Title string `json:"title"`
	// Query is the GraphQL document; it should hold one named operation.
	Query string `json:"query"`
	// Variables is a JSON object as text, or empty.
	Variables string `json:"variables"`
	// User names the demo user whose token the tab uses; empty means no token.
	User string `json:"user"`
}

// Playground is what the page starts with.
type Playground struct {
	// Endpoint is the path of the GraphQL API on the same origin.
	Endpoint string `json:"endpoint"`
	// Users are offered in the page's select, in this order.
	Users []User `json:"users"`
	// Tabs are opened in this order; the first one is shown.
	Tabs []Tab `json:"tabs"`
}

// contentSecurityPolicy lets the page use its own origin and nothing else.
// Inline styles must be allowed: GraphiQL's dialogs add a style element that
// keeps the page behind them from scrolling.
// In connect-src, 'self' covers a WebSocket to the same origin too.
const contentSecurityPolicy = "default-src 'none'; " +
	"script-src 'self'; " +
	"style-src 'self' 'unsafe-inline'; " +
	"connect-src 'self'; " +
	"font-src 'self' data:; " +
	"img-src 'self' data:; " +
	"base-uri 'none'; " +
	"frame-ancestors 'none'; " +
	"form-action 'none'"

// Handler serves the page at / and its assets under /playground/. It answers
// 404 to every other path and 405 to methods other than GET and HEAD.
//
// session is called per page load so that tokens are fresh. Its users, and so
// their tokens, are given away only to a page opened under a loopback name
// such as localhost. That stops a foreign web site from reading them by DNS
// rebinding, but it does not authenticate anybody: a program that reaches the
// port can send any Host. A server with demo users must listen on loopback
// only, or hold nothing but demo data.
func Handler(session func(r *http.Request) Playground) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /playground/session.json", sessionHandler(session))
	for path, file := range assets() {
		mux.Handle("GET "+path, file)
	}
	return secured(mux)
}

// secured puts the security headers on every answer, refusals included.
func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", contentSecurityPolicy)
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(w, r)
	})
}
