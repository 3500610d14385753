-- The owner of an account decides who else sees it, as in OBP: the view permits to give and to take views.

-- +goose Up
UPDATE account_view SET permissions = permissions || '{can_grant_access_to_views,can_revoke_access_to_views}'::text[] WHERE view_id = 'owner';
