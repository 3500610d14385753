package models

import "errors"

// Outcome turns what a verb returned into the payload P of its mutation: the success, the
// rejection that says why not, or, when the union has no place for the failure, the error itself. correlation is that
// of the request.
func Outcome[P any](correlation ID, success P, err error) (P, error) {
	if err == nil {
		return success, nil
	}
	var nothing P
	var known *Error
	if !errors.As(err, &known) {
		return nothing, err
	}
	if payload, fits := rejection(correlation, known).(P); fits {
		return payload, nil
	}
	return nothing, err
}

// rejection is the type of the schema that carries this error; nil for what is no outcome of business.
func rejection(correlation ID, e *Error) any {
	obp := optional(e.OBPCode)
	switch e.Code {
	case BadInput:
		return &ValidationRejection{Code: RejectionCodeValidation, OBPCode: obp, Message: e.Message, CorrelationID: correlation, FieldErrors: e.Fields}
	case NotFound:
		return &NotFoundRejection{Code: RejectionCodeNotFound, OBPCode: obp, Message: e.Message, CorrelationID: correlation, Resource: e.Resource, ID: e.ID}
	case Forbidden:
		return &ForbiddenRejection{
			Code: RejectionCodeForbidden, OBPCode: obp, Message: e.Message, CorrelationID: correlation,
			MissingRoles: e.MissingRoles, RequiredView: optional(e.RequiredView),
		}
	case InvalidState:
		return &InvalidStateRejection{
			Code: RejectionCodeInvalidState, OBPCode: obp, Message: e.Message, CorrelationID: correlation,
			CurrentStatus: e.Status, AllowedStatuses: e.Allowed,
		}
	case VersionConflict:
		return &VersionConflictRejection{
			Code: RejectionCodeVersionConflict, OBPCode: obp, Message: e.Message, CorrelationID: correlation, CurrentVersion: e.Version, Current: e.Current,
		}
	case InsufficientFunds:
		return &InsufficientFundsRejection{Code: RejectionCodeInsufficientFunds, OBPCode: obp, Message: e.Message, CorrelationID: correlation, Available: e.Available}
	case LimitExceeded:
		return &LimitExceededRejection{
			Code: RejectionCodeLimitExceeded, OBPCode: obp, Message: e.Message, CorrelationID: correlation,
			Limit: e.Limit, Window: optional(e.Window), ResetsAt: e.ResetsAt,
		}
	case KeyConflict:
		return &IdempotencyConflictRejection{Code: RejectionCodeIdempotencyConflict, OBPCode: obp, Message: e.Message, CorrelationID: correlation, FirstUsedAt: e.UsedAt}
	case ChallengeFailed:
		return &ChallengeFailedRejection{Code: RejectionCodeChallengeFailed, OBPCode: obp, Message: e.Message, CorrelationID: correlation}
	case ChallengeExpired:
		return &ChallengeExpiredRejection{Code: RejectionCodeChallengeExpired, OBPCode: obp, Message: e.Message, CorrelationID: correlation, CanReissue: e.CanReissue}
	case Policy:
		return &PolicyRejection{Code: RejectionCodePolicy, OBPCode: obp, Message: e.Message, CorrelationID: correlation}
	default:
		return nil
	}
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
