package web

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const sessionPath = "/playground/session.json"

func TestSession(t *testing.T) {
	t.Parallel()

	t.Run("a loopback host is given the users and their tokens", func(t *testing.T) {
		t.Parallel()
		for _, host := range []string{
			"localhost", "localhost:8080", "LOCALHOST:8080", "127.0.0.1", "127.0.0.1:1", "[::1]", "[::1]:8080",
		} {
			response := ask(t, http.MethodGet, sessionPath, "Host", host)
			var got Playground
			if err := json.Unmarshal(bodyOf(t, response), &got); err != nil {
				t.Fatalf("%s: %v", host, err)
			}
			if response.Header.Get("Content-Type") != "application/json" {
				t.Errorf("%s: content type %q", host, response.Header.Get("Content-Type"))
			}
			if len(got.Users) != 1 || got.Users[0].Token != "secret-token" {
				t.Errorf("%s: users %v, want the example user", host, got.Users)
			}
			if got.Endpoint != "/graphql" || len(got.Tabs) != 1 {
				t.Errorf("%s: endpoint %q and %d tabs", host, got.Endpoint, len(got.Tabs))
			}
		}
	})

	t.Run("another host is given the tabs but no user", func(t *testing.T) {
		t.Parallel()
		for _, host := range []string{
			"", "bank.example", "bank.example:8080", "localhost.bank.example", "localhost.bank.example:8080",
			"127.0.0.1.bank.example", "192.0.2.7:8080", "0.0.0.0:8080", "[::]:8080", "[2001:db8::1]:8080", "localhost:80:80",
		} {
			response := ask(t, http.MethodGet, sessionPath, "Host", host)
			body := string(bodyOf(t, response))
			if response.StatusCode != http.StatusOK {
				t.Errorf("%q: status %d, want 200", host, response.StatusCode)
			}
			if strings.Contains(body, "secret-token") || !strings.Contains(body, `"users":[]`) {
				t.Errorf("%q: %s", host, body)
			}
			if !strings.Contains(body, `"title":"First"`) {
				t.Errorf("%q: the tabs are missing", host)
			}
		}
	})
}

func TestSessionForOtherSites(t *testing.T) {
	t.Parallel()

	t.Run("another site is refused before a token is made", func(t *testing.T) {
		t.Parallel()
		for _, site := range []string{"cross-site", "same-site"} {
			handler := Handler(func(*http.Request) Playground {
				t.Error("session was called")
				return Playground{}
			})
			request := httptest.NewRequest(http.MethodGet, "http://localhost:8080"+sessionPath, nil)
			request.Header.Set("Sec-Fetch-Site", site)
			recorder := httptest.NewRecorder()
			handler.ServeHTTP(recorder, request)
			if recorder.Code != http.StatusForbidden {
				t.Errorf("%s: status %d, want 403", site, recorder.Code)
			}
			if recorder.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("%s: the refusal may be cached", site)
			}
		}
	})

	t.Run("the page itself and the address bar are answered", func(t *testing.T) {
		t.Parallel()
		for _, site := range []string{"same-origin", "none"} {
			response := ask(t, http.MethodGet, sessionPath, "Sec-Fetch-Site", site)
			if !strings.Contains(string(bodyOf(t, response)), "secret-token") {
				t.Errorf("%s: no users", site)
			}
		}
	})

	t.Run("absent lists are empty, not null", func(t *testing.T) {
		t.Parallel()
		recorder := httptest.NewRecorder()
		handler := Handler(func(*http.Request) Playground { return Playground{Endpoint: "/graphql"} })
		handler.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "http://localhost"+sessionPath, nil))
		if got, want := recorder.Body.String(), `{"endpoint":"/graphql","users":[],"tabs":[]}`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}
